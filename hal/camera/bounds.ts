// Every limit of the camera room, each with its reason.

/** Sights that wait for a consumer. A recorder that fsyncs may be away for a second, not for ten. */
export const queueBounds = { greyMax: 8, jpegMax: 3, fragmentsMax: 30, fragmentBytesMax: 24 * 1024 * 1024 } as const;

/** A second of 8 Mbit/s video is 1 MiB; a box larger than this is rubbish, not video. */
export const boxBytesMax = 16 * 1024 * 1024;
/** `moov` of one empty track is under 1 KiB. */
export const initBytesMax = 64 * 1024;
/** A 1080p JPEG at this quality is about 400 KiB. */
export const jpegBytesMax = 4 * 1024 * 1024;

/** Last words of a child; more only repeats itself. */
export const stderrCharsMax = 2000;

/** How a child is ended: asked (rpicam-vid knows SIGINT only), asked again, killed, and at last given up as stuck inside the kernel. */
export const endingMs = { interrupt: 1500, terminate: 1000, kill: 2000 } as const;

/** ffprobe answers in 0.1 s for a file; a network camera may take some seconds to send a key frame. */
export const probeMs = { file: 10_000, network: 15_000 } as const;

/** The self-test decodes this much of the live stream, and the decoder gets this long for it. */
export const proof = { streamMs: 3000, decodeMs: 15_000, fragmentsMax: 60 } as const;
