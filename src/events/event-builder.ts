import { attributeFault } from './attribute-rules.js';
import {
  isKnownAttribute,
  type CloudEvent,
  type ExtensionValue,
  type KnownAttribute,
} from './cloud-event.js';
import type { EventData } from './event-data.js';
import { AttributeMissing } from './event.errors.js';

const noExtensions: Readonly<Record<string, ExtensionValue>> = Object.freeze({});

/** Collects the attributes of one event, each held to CloudEvents' rules as it comes. */
export class EventBuilder {
  private readonly known: Partial<Record<KnownAttribute, string>> = {};
  private extensions: Record<string, ExtensionValue> | undefined;

  /** @throws EventError when the name or the value breaks a rule */
  set(name: string, value: unknown): void {
    const fault = attributeFault(name, value);
    if (fault !== undefined) throw fault;
    this.keep(name, value as ExtensionValue);
  }

  /** Takes an attribute if it keeps the rules and leaves it out otherwise. */
  offer(name: string, value: string): void {
    if (attributeFault(name, value) === undefined) this.keep(name, value);
  }

  /** Sets a known attribute that is missing so far. */
  fallback(name: KnownAttribute, value: string): void {
    this.known[name] ??= value;
  }

  get(name: KnownAttribute): string | undefined {
    return this.known[name];
  }

  /** @throws AttributeMissing when id, source, type or specversion is missing */
  build(data?: EventData): CloudEvent {
    const { id, source, type, specversion, subject, time } = this.known;
    const { datacontenttype, dataschema, partitionkey, tenant } = this.known;
    if (id === undefined) throw missing('id');
    if (source === undefined) throw missing('source');
    if (type === undefined) throw missing('type');
    if (specversion === undefined) throw missing('specversion');
    return {
      specversion: '1.0',
      id,
      source,
      type,
      subject,
      time,
      datacontenttype,
      dataschema,
      partitionkey,
      tenant,
      extensions: this.extensions ?? noExtensions,
      data,
    };
  }

  private keep(name: string, value: ExtensionValue): void {
    if (isKnownAttribute(name)) this.known[name] = value as string;
    else (this.extensions ??= {})[name] = value;
  }
}

const missing = (attribute: string): AttributeMissing =>
  new AttributeMissing(`The required attribute "${attribute}" is missing.`, { attribute });
