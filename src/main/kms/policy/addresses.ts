import { isIPv4, isIPv6 } from 'node:net';

/** A range of addresses: the bits that they share, as text of 0 and 1, and of which family they are. */
type AddressRange = { readonly family: 4 | 6; readonly bits: string };

/**
 * A range as policies write it: an IPv4 or IPv6 address, alone or with the length of its prefix (CIDR, RFC 4632
 * section 3.1 and RFC 4291 section 2.3). `undefined` for anything else; an address with a zone is something else.
 */
export function rangeOf(text: string): AddressRange | undefined {
  const [address = '', prefix, more] = text.split('/');
  const bits = bitsOf(address);
  if (bits === undefined || more !== undefined) return undefined;
  const family = bits.length === 32 ? 4 : 6;
  if (prefix === undefined) return { family, bits };
  if (!/^(?:0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > bits.length) return undefined;
  return { family, bits: bits.slice(0, Number(prefix)) };
}

/** Whether an address is in a range; what is no address is in none. */
export function isWithin({ family, bits }: AddressRange, address: string): boolean {
  const own = bitsOf(address);
  return own !== undefined && (own.length === 32 ? 4 : 6) === family && own.startsWith(bits);
}

/** The 32 or 128 bits of an address; `undefined` for what is none. */
function bitsOf(address: string): string | undefined {
  if (isIPv4(address))
    return address
      .split('.')
      .map((byte) => binary(Number(byte), 8))
      .join('');
  if (!isIPv6(address) || address.includes('%')) return undefined;
  const [head = '', tail] = address.split('::');
  const [left, right] = [groupsOf(head), tail === undefined ? [] : groupsOf(tail)];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...zeros, ...right].map((group) => binary(group, 16)).join('');
}

/** The groups of 16 bits of a part of an IPv6 address, whose end may be written as an IPv4 address. */
function groupsOf(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function binary(value: number, length: number): string {
  return value.toString(2).padStart(length, '0');
}
