/** Tests that images keep their picture when they get a palette. The filters are those of PNG §9. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { withPalette } from '../../tools/png.ts';

type Pixel = readonly [number, number, number];

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** Encodes a picture in RGB or RGBA, each row with its own filter. */
function png(rows: readonly (readonly Pixel[])[], filters: readonly number[], channels: 3 | 4 = 3, depth = 8): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(rows[0]?.length ?? 0, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([depth, channels === 3 ? 2 : 6, 0, 0, 0], 8);
  const bytes = rows.map((row) => row.flatMap((pixel) => (channels === 3 ? pixel : [...pixel, 255])));
  const data = bytes.flatMap((row, y) => {
    const above = bytes[y - 1] ?? [];
    const filtered = row.map((byte, at) => {
      const [left, up, upLeft] = [row[at - channels] ?? 0, above[at] ?? 0, above[at - channels] ?? 0];
      const estimate = left + up - upLeft;
      const distance = (other: number): number => Math.abs(estimate - other);
      const paeth = [left, up, upLeft].reduce((best, other) => (distance(other) < distance(best) ? other : best));
      return (byte - ([0, left, up, Math.floor((left + up) / 2), paeth][filters[y] ?? 0] ?? 0)) & 255;
    });
    return [filters[y] ?? 0, ...filtered];
  });
  const packed = deflateSync(Buffer.from(data));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    // Browsers split the data into several chunks.
    chunk('IDAT', packed.subarray(0, 5)),
    chunk('IDAT', packed.subarray(5)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Reads a picture with a palette and without filters, and holds each chunk to its checksum. */
function pixelsOf(file: Buffer): { rows: Pixel[][]; colors: number } {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  const [header, palette] = [chunks.get('IHDR') ?? Buffer.alloc(13), chunks.get('PLTE') ?? Buffer.alloc(0)];
  expect([...header.subarray(8)]).toEqual([8, 3, 0, 0, 0]);
  const width = header.readUInt32BE(0);
  const data = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const rows = Array.from({ length: header.readUInt32BE(4) }, (_, y) =>
    Array.from({ length: width }, (__, x): Pixel => {
      const at = (data[y * (width + 1) + 1 + x] ?? 0) * 3;
      return [palette[at] ?? 0, palette[at + 1] ?? 0, palette[at + 2] ?? 0];
    }),
  );
  return { rows, colors: palette.length / 3 };
}

const row = (...values: number[]): Pixel[] => values.map((value) => [value, 255 - value, (value * 7) % 256]);
const picture = [row(1, 2, 3, 250), row(9, 9, 200, 4), row(0, 255, 128, 2), row(77, 76, 75, 74), row(5, 60, 5, 60)];

describe('png: a palette', () => {
  test.each([3, 4] as const)(
    'keeps a picture of few colours as it is, with %i channels and every filter',
    (channels) => {
      const { rows, colors } = pixelsOf(withPalette(png(picture, [0, 1, 2, 3, 4], channels)));
      expect(rows).toEqual(picture);
      expect(colors).toBe(new Set(picture.flat().map(String)).size);
    },
  );

  test('keeps the 256 most frequent colours, and takes the nearest for each other one', () => {
    const frequent = Array.from({ length: 256 }, (_, value): Pixel => [value, 0, 0]);
    const { rows, colors } = pixelsOf(
      withPalette(png([frequent, frequent, [...frequent.slice(1), [100, 0, 9]]], [0, 2, 1])),
    );
    expect(colors).toBe(256);
    expect(rows[1]).toEqual(frequent);
    expect(rows[2]?.at(-1)).toEqual([100, 0, 0]);
  });

  test('refuses a file of another kind', () => {
    expect(() => withPalette(png(picture, [], 3, 16))).toThrow('not a PNG file');
    expect(() => withPalette(Buffer.from('GIF89a'.padEnd(64)))).toThrow('not a PNG file');
  });
});
