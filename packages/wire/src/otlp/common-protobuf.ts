/** Reads what OTLP's signals share from protobuf. */
import { OTLP_ATTRIBUTES_MAX, OTLP_DEPTH_MAX } from "../limits.ts";
import type { ProtobufReader } from "../protobuf/reader.ts";
import type { AnyValue, Attribute, Resource, Scope } from "./common.ts";

/** Reads the resource that is the value of the field. */
export function readResource(reader: ProtobufReader): Resource {
  const attributes: Attribute[] = [];
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) readAttribute(reader, attributes);
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { attributes };
}

/** Reads the scope that is the value of the field. */
export function readScope(reader: ProtobufReader): Scope {
  let name = "";
  let version = "";
  const attributes: Attribute[] = [];
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) name = reader.string();
    else if (field === 2) version = reader.string();
    else if (field === 3) readAttribute(reader, attributes);
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { name, version, attributes };
}

/** Reads the KeyValue that is the value of the field, and appends it. */
export function readAttribute(reader: ProtobufReader, attributes: Attribute[], depth = 0): void {
  if (attributes.length >= OTLP_ATTRIBUTES_MAX) {
    reader.fail(`more than ${OTLP_ATTRIBUTES_MAX} attributes in one list (OTLP_ATTRIBUTES_MAX)`);
  }
  let key = "";
  let value: AnyValue;
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) key = reader.string();
    else if (field === 2) value = readAnyValue(reader, depth);
    else reader.skip();
  }
  reader.leave(outerEnd);
  attributes.push({ key, value });
}

/** Reads the AnyValue that is the value of the field. `depth` counts the values around it. */
export function readAnyValue(reader: ProtobufReader, depth = 0): AnyValue {
  if (depth > OTLP_DEPTH_MAX) {
    reader.fail(`a value is nested more than ${OTLP_DEPTH_MAX} deep (OTLP_DEPTH_MAX)`);
  }
  let value: AnyValue;
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) value = reader.string();
    else if (field === 2) value = reader.bool();
    else if (field === 3) value = reader.int64Exact();
    else if (field === 4) value = reader.double();
    else if (field === 5) value = readList(reader, depth + 1);
    else if (field === 6) value = { attributes: readKeyValueList(reader, depth + 1) };
    else if (field === 7) value = reader.slice();
    else reader.skip();
  }
  reader.leave(outerEnd);
  return value;
}

function readList(reader: ProtobufReader, depth: number): AnyValue[] {
  const values: AnyValue[] = [];
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) values.push(readAnyValue(reader, depth));
    else reader.skip();
  }
  reader.leave(outerEnd);
  return values;
}

function readKeyValueList(reader: ProtobufReader, depth: number): Attribute[] {
  const attributes: Attribute[] = [];
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) readAttribute(reader, attributes, depth);
    else reader.skip();
  }
  reader.leave(outerEnd);
  return attributes;
}
