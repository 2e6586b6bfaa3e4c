import { type FileHandle, open } from "node:fs/promises";

/** Returns methods that take the place of those of every open file. */
export type FileFault = (real: FileHandle) => object;

/** Runs work while the file system has a fault. Files that other work opens at the same time have it too. */
export async function withFileFault<T>(fault: FileFault, work: () => Promise<T>): Promise<T> {
  const methods = await sharedMethods();
  const faulty = fault(methods);
  const real = Object.fromEntries(Object.keys(faulty).map((name) => [name, Reflect.get(methods, name)]));
  Object.assign(methods, faulty);
  try {
    return await work();
  } finally {
    Object.assign(methods, real);
  }
}

/** The disk reports an error when it is to make bytes durable. */
export const failingDatasync: FileFault = () => ({
  datasync: async () => {
    throw new Error("EIO: i/o error, fdatasync");
  },
});

/** One call writes at most `limit` bytes, as when the disk is almost full or a signal arrives. */
export function shortWrites(limit: number): FileFault {
  return ({ write }) => {
    const part = (file: FileHandle, bytes: Uint8Array, offset: number, length: number, position: number) =>
      Reflect.apply(write, file, [bytes, offset, Math.min(length, limit), position]);
    return {
      write(this: FileHandle, bytes: Uint8Array, offset: number, length: number, position: number) {
        return part(this, bytes, offset, length, position);
      },
      writev(this: FileHandle, buffers: readonly Uint8Array[], position: number) {
        const bytes = Buffer.concat(buffers);
        return part(this, bytes, 0, bytes.length, position);
      },
    };
  };
}

async function sharedMethods(): Promise<FileHandle> {
  const file = await open("/dev/null");
  try {
    return Object.getPrototypeOf(file);
  } finally {
    await file.close();
  }
}
