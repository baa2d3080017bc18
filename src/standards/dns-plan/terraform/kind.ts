/**
 * What is common to the Terraform resources of DNS records. Each kind says in which attributes it has the parts of a record,
 * and in which form.
 */
import type { Attributes } from './attributes.ts';
import { maybeQuoted, type Rdata, type Targets, wordsOf } from './rdata.ts';

/**
 * The form of an owner name:
 * - `relative`: the zone follows, unless the name has a final dot.
 * - `either`: the zone follows, unless the name ends with it.
 * - `whole`: nothing follows.
 *
 * The empty name and `@` are the apex in the first two.
 */
type NameForm = 'relative' | 'either' | 'whole';

/** One kind of Terraform resource. */
export interface Kind {
  /** The type of the resource: `aws_route53_record`. */
  readonly resource: string;
  /** The attribute that tells the zone: by its name, by an id of the DNS host, or by one of both. */
  readonly zone: { readonly attribute: string; readonly holds: 'name' | 'id' | 'either' };
  readonly name: { readonly attribute: string; readonly form: NameForm };
  /** The record type in a plan that knows it. */
  readonly type: (attributes: Attributes) => string | undefined;
  /** Whether the resource is a whole record set. Otherwise it is one record of a set. */
  readonly isWhole: (attributes: Attributes) => boolean;
  /** Whether the resource is one of several whole sets, of which the DNS host answers with one. */
  readonly isAlternative?: (attributes: Attributes) => boolean;
  /** The attribute with the TTL in seconds. */
  readonly ttl: string;
  readonly targets: Targets;
  /** Reads the data of the records. Throws `NotKnown` for what is known only when the plan is applied. */
  readonly values: (attributes: Attributes, type: string) => readonly Rdata[];
  /** Tells the id of the web proxy that answers for the name. */
  readonly proxy?: (attributes: Attributes) => string | undefined;
}

/** How the value of a record is written: the text of TXT records, and everything else. */
export interface ValueForms {
  /** Reads the value of a TXT record. Quotes are optional when absent. */
  readonly text?: (value: string) => Rdata;
  /** The attribute with the preference of an MX record. Without it the preference is part of the value. */
  readonly preference?: string;
}

/** @returns the data of one record from its value. */
export function rdataOf(attributes: Attributes, type: string, value: string, forms: ValueForms): Rdata {
  if (type === 'TXT' || type === 'SPF') return (forms.text ?? maybeQuoted)(value);
  const preference = forms.preference === undefined ? undefined : attributes.text(forms.preference);
  if (type === 'MX' && forms.preference !== undefined && wordsOf(value).length === 1) {
    return wordsOf(`${preference ?? 0} ${value}`);
  }
  return wordsOf(value);
}

interface SingleKind extends ValueForms {
  readonly resource: string;
  readonly zone: Kind['zone'];
  readonly name: Kind['name'];
  /** The attributes with the record type, the value and the TTL. */
  readonly typeIn?: string;
  readonly valueIn: string;
  readonly ttlIn?: string;
  readonly targets?: Targets;
}

/** @returns a kind of resource that holds one record. */
export function oneRecord({
  resource,
  zone,
  name,
  typeIn = 'type',
  valueIn,
  ttlIn = 'ttl',
  targets = 'whole',
  ...forms
}: SingleKind): Kind {
  return {
    resource,
    zone,
    name,
    type: (attributes) => attributes.text(typeIn),
    isWhole: () => false,
    ttl: ttlIn,
    targets,
    values: (attributes, type) => [rdataOf(attributes, type, attributes.text(valueIn) ?? '', forms)],
  };
}

interface SetKind extends ValueForms {
  readonly resource: string;
  readonly zone: Kind['zone'];
  readonly name: Kind['name'];
  readonly type?: string;
  readonly valuesIn: string | readonly string[];
  readonly targets?: Targets;
}

/** @returns a kind of resource that holds a record set as a list of values. */
export function recordSet({ resource, zone, name, type: fixed, valuesIn, targets = 'whole', ...forms }: SetKind): Kind {
  const lists = typeof valuesIn === 'string' ? [valuesIn] : valuesIn;
  return {
    resource,
    zone,
    name,
    type: (attributes) => fixed ?? attributes.text('type'),
    isWhole: () => true,
    ttl: 'ttl',
    targets,
    values: (attributes, type) =>
      lists
        .filter((list) => attributes.isSet(list))
        .flatMap((list) => attributes.texts(list))
        .map((value) => rdataOf(attributes, type, value, forms)),
  };
}
