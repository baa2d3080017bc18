/**
 * Makes PNG files small. A screenshot of text has few colours besides those of its smoothed edges, so a palette of 256
 * shows it, and takes about a third of the bytes of one with three bytes a pixel. PNG is ISO/IEC 15948.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const PALETTE_SIZE = 256;

/** A picture, as its pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, row by row. */
  readonly pixels: Uint8Array;
}

/**
 * @param png a file with 8 bits a channel in RGB or RGBA, not interlaced, as browsers write it. It has no transparency.
 * @returns the picture as a file with a palette of its most frequent colours. Every other colour becomes the nearest.
 * @throws Error for a PNG file of another kind.
 */
export function withPalette(png: Buffer): Buffer {
  const { width, height, pixels } = readPng(png);
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += 3)
    counts.set(colorAt(pixels, at), (counts.get(colorAt(pixels, at)) ?? 0) + 1);
  const palette = [...counts]
    .sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || a - b)
    .slice(0, PALETTE_SIZE)
    .map(([color]) => color);
  const indices = new Map([...counts.keys()].map((color) => [color, nearest(color, palette)]));
  const rows = Buffer.alloc(height * (width + 1));
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    // The first byte of each row names its filter: 0, none.
    rows[pixel + Math.floor(pixel / width) + 1] = indices.get(colorAt(pixels, pixel * 3)) ?? 0;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function colorAt(pixels: Uint8Array, at: number): number {
  return ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
}

function nearest(color: number, palette: readonly number[]): number {
  const distances = palette.map((other) =>
    [16, 8, 0].reduce((sum, shift) => sum + (((color >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/**
 * @param png a file with 8 bits a channel in RGB or RGBA, not interlaced, as browsers write it.
 * @returns its pixels. Transparency is left out.
 * @throws Error for a PNG file of another kind.
 */
export function readPng(png: Buffer): Picture {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [depth, kind, , , interlaced] = png.subarray(24, 29);
  const channels = kind === 2 ? 3 : kind === 6 ? 4 : undefined;
  if (!png.subarray(0, 8).equals(SIGNATURE) || depth !== 8 || channels === undefined || interlaced !== 0) {
    throw new Error('not a PNG file with 8 bits a channel in RGB or RGBA');
  }
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const bytes = unfiltered(inflateSync(Buffer.concat(parts)), width * channels, channels);
  const pixels = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    pixels.set(bytes.subarray(pixel * channels, pixel * channels + 3), pixel * 3);
  }
  return { width, height, pixels };
}

/** Undoes the filters of the rows (§9). */
function unfiltered(filtered: Buffer, rowBytes: number, channels: number): Uint8Array {
  const rows = filtered.length / (rowBytes + 1);
  const bytes = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row += 1) {
    const filter = filtered[row * (rowBytes + 1)] ?? 0;
    for (let at = 0; at < rowBytes; at += 1) {
      const left = at < channels ? 0 : (bytes[row * rowBytes + at - channels] ?? 0);
      const up = row === 0 ? 0 : (bytes[(row - 1) * rowBytes + at] ?? 0);
      const upLeft = row === 0 || at < channels ? 0 : (bytes[(row - 1) * rowBytes + at - channels] ?? 0);
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, upLeft)][filter] ?? 0;
      bytes[row * rowBytes + at] = (filtered[row * (rowBytes + 1) + 1 + at] ?? 0) + predicted;
    }
  }
  return bytes;
}

function paeth(left: number, up: number, upLeft: number): number {
  const [toLeft, toUp, toUpLeft] = [Math.abs(up - upLeft), Math.abs(left - upLeft), Math.abs(left + up - 2 * upLeft)];
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}
