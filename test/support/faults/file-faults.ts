import { type FileHandle, open } from "node:fs/promises";

/** Function that returns replacements of the methods of every open file. */
export type FileFault = (real: FileHandle) => object;

/** Runs work with a fault of the file system, which affects all files opened by this process meanwhile. */
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

/** Fault in which flushing data to the disk fails. */
export const failingDatasync: FileFault = () => ({
  datasync: async () => {
    throw new Error("EIO: i/o error, fdatasync");
  },
});

/** Fault in which one call writes at most `limit` bytes, like an almost full disk or an interrupting signal. */
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
