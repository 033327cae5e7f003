// SPDX-License-Identifier: EUPL-1.2
/** The clerk's camera and microphone. */

import type { Trouble } from "../desk/state.ts";

/** Devices that cannot be used, in a word that has a next step. */
export class DeviceError extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble);
  }
}

const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};

/** What was opened. */
export interface Opened {
  readonly stream: MediaStream;
  /** There is a microphone and no camera. */
  readonly blind: boolean;
}

/** Opens both; without a camera the microphone alone. */
export async function open(): Promise<Opened> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) {
    throw new DeviceError("not-allowed");
  }
  try {
    return { stream: await devices.getUserMedia({ audio: SOUND, video: PICTURE }), blind: false };
  } catch (error) {
    if (name(error) === "NotAllowedError") {
      throw new DeviceError("not-allowed");
    }
  }
  try {
    return { stream: await devices.getUserMedia({ audio: SOUND }), blind: true };
  } catch (error) {
    switch (name(error)) {
      case "NotAllowedError":
        throw new DeviceError("not-allowed");
      case "NotReadableError":
      case "AbortError":
        throw new DeviceError("devices-busy");
      default:
        throw new DeviceError("no-devices");
    }
  }
}

/** Closes what was opened. */
export function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.stop();
  }
}

function name(error: unknown): string {
  return error instanceof DOMException ? error.name : "";
}
