/** A node that a translated machine can keep up with: small pictures, few of them. Names and broker come with the ticket. */
export const config = `commune: xa
node: mat-lab
title: Phòng thử
dataDir: /var/lib/matlang/data
identityDir: /var/lib/matlang/identity
camera: {driver: v4l2, device: /dev/video0, width: 320, height: 180, fps: 5, bitrateKbps: 300}
motion: {fps: 2}
storage: {ringMiB: 64, spoolMiB: 16, keepFreeMiB: 64}
pins: {inputs: [{pin: 17, trigger: panic}], statusPin: 24}
bang: {enabled: true}
vitalsEveryS: 5
`;
