// What a camera driver is told. The house's configuration (camera section) is assignable to this; hal itself knows no schema.

/** Corners in parts of the picture's width and height, 0 to 1. */
export type Polygon = readonly (readonly [number, number])[];

export interface PictureSettings {
  /** Largest picture; a source's own shape is kept and it is never enlarged. */
  readonly width: number;
  readonly height: number;
  /** Most frames a second. */
  readonly fps: number;
  /** Upper bound of the video's bit rate. */
  readonly bitrateKbps: number;
  readonly caption: boolean;
  /** Burned into everything that leaves the media child, grey pictures too. */
  readonly masks: readonly Polygon[];
}

export interface PiSettings extends PictureSettings {
  readonly driver: 'pi';
  readonly rotation: 0 | 180;
}
export interface V4l2Settings extends PictureSettings {
  readonly driver: 'v4l2';
  readonly device: string;
}
export interface RtspSettings extends PictureSettings {
  readonly driver: 'rtsp';
  /** May hold user:password; never reaches an argument list, a log or a fault. */
  readonly url: string;
  readonly transport: 'tcp' | 'udp';
}
export interface StillsSettings extends PictureSettings {
  readonly driver: 'stills';
  readonly everyMs: number;
}
export interface FilmSettings extends PictureSettings {
  readonly driver: 'film';
  readonly path: string;
  readonly repeat: boolean;
}
export interface SceneSettings extends PictureSettings {
  readonly driver: 'scene';
  readonly seed: number;
  readonly time: 'day' | 'night';
}
export type CameraSettings = PiSettings | V4l2Settings | RtspSettings | StillsSettings | FilmSettings | SceneSettings;

/** The grey pictures wanted for thinking. */
export interface AnalysisSettings {
  readonly fps: number;
  readonly width: number;
  readonly height: number;
}
