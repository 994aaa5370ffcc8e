let lastMillisecond = 0;
let counter = 0;

/**
 * A new UUIDv7 (RFC 9562). Those made in a row are in ascending order.
 * @param millisecond Milliseconds since the epoch that it is to carry; now unless given.
 */
export function uuidv7(millisecond: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // The 12 bits behind the time count within a millisecond; they begin low, so that there is room.
  counter = millisecond === lastMillisecond ? counter + 1 : ((bytes[6] & 0x07) << 8) | bytes[7];
  lastMillisecond = millisecond;
  for (let index = 0; index < 6; index++) bytes[index] = Math.floor(millisecond / 2 ** (40 - 8 * index)) % 256;
  bytes[6] = 0x70 | ((counter >> 8) & 0x0f);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * The record with an `id`: its own, or a new UUIDv7 of its `timestamp`. With it a resend stores nothing twice.
 * A `timestamp` that is no date is left to the server to refuse.
 */
export function withId<T extends { id?: string | null; timestamp?: string | null }>(record: T): T {
  if (record.id != null) return record;
  const millisecond = record.timestamp == null ? Date.now() : Math.floor(Date.parse(record.timestamp));
  return millisecond >= 0 ? { ...record, id: uuidv7(millisecond) } : record;
}
