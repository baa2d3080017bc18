/**
 * Draws the sampled neighbours of an address: a cell for each neighbour, and a mark at the place of the tested address.
 */
import type { NeighbourSample } from '../../report/status.ts';
import { html, type Markup } from './markup.ts';

const COLUMNS = 16;
const CELL = 20;
const CELL_HEIGHT = 26;
/** The height of a line of cells, with room for the mark of the tested address. */
const LINE = CELL_HEIGHT + 12;

type Address = NeighbourSample['addresses'][number];

const SIGNS: Readonly<Record<Address['state'], string>> = { listed: '✕', clean: '·', unknown: '?' };
const WORDS: Readonly<Record<Address['state'], string>> = {
  listed: 'listed',
  clean: 'not listed',
  unknown: 'not known',
};

/**
 * @param id the beginning of the element ids, unique on the page.
 * @returns the drawing as SVG.
 */
export function neighbourStrip(sample: NeighbourSample, id: string): Markup {
  const { addresses, network, ip } = sample;
  const lines = Math.ceil(addresses.length / COLUMNS);
  const width = COLUMNS * CELL;
  const height = lines * LINE;
  return html`<svg class="strip" role="img" aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${width} ${height}">
<title id="${id}-title">Neighbours of ${ip} in ${network}</title>
<desc id="${id}-desc">${neighbourCaption(sample)}</desc>
${addresses.map(cell)}${testedMark(sample)}
</svg>`;
}

/** @returns the caption of the drawing, with the number of listed neighbours. */
export function neighbourCaption({ addresses, network }: NeighbourSample): string {
  const number = (state: Address['state']): number => addresses.filter((address) => address.state === state).length;
  const unknown = number('unknown');
  return `${number('listed')} of ${addresses.length} sampled addresses in ${network} listed${unknown > 0 ? `, ${unknown} not known` : ''}`;
}

function place(index: number): { x: number; y: number } {
  return { x: (index % COLUMNS) * CELL, y: Math.floor(index / COLUMNS) * LINE + 10 };
}

function cell({ ip, state, zones }: Address, index: number): Markup {
  const { x, y } = place(index);
  const lists = zones.length > 0 ? ` by ${zones.join(', ')}` : '';
  return html`<g><title>${ip}: ${WORDS[state]}${lists}</title><rect class="cell ${state}" x="${x + 0.5}" y="${y + 0.5}" width="${CELL - 2}" height="${CELL_HEIGHT - 1}" rx="2"/><text class="sign ${state}" x="${x + CELL / 2 - 0.5}" y="${y + 12}" text-anchor="middle">${SIGNS[state]}</text><text class="octet ${state}" x="${x + CELL / 2 - 0.5}" y="${y + 22}" text-anchor="middle">${lastOctet(ip)}</text></g>
`;
}

/** Returns the mark of the tested address, between the cells of its two nearest neighbours. */
function testedMark({ addresses, ip }: NeighbourSample): Markup {
  const before = addresses.filter((address) => lastOctet(address.ip) < lastOctet(ip)).length;
  const { x, y } = before === 0 ? place(0) : place(before - 1);
  const at = before === 0 ? 5 : Math.min(x + CELL - 1, COLUMNS * CELL - 5);
  return html`<path class="tested" d="M${at - 5} ${y - 9}h10l-5 8z"><title>${ip}, the tested address</title></path>`;
}

function lastOctet(ip: string): number {
  return Number(ip.split('.').at(-1));
}
