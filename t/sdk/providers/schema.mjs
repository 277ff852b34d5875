// What a body may hold, as a strict provider checks it.
//
// A schema is true (anything), the name of a type, a list with the schema of
// its elements, a function from the value to its schema, or an object with the
// schema of each member; a member whose name ends in "!" must be there.

const kind = (value) => Array.isArray(value) ? 'array'
    : value === null ? 'null' : typeof value;


const members = (schema) => Object.entries(schema).map(([name, inner]) => ({
    name: name.replace(/!$/, ''), inner, required: name.endsWith('!'),
}));


// The first fault of the value: { kind: 'unknown', 'missing' or 'type', path,
// value }; undefined if there is none.  null is allowed where the member is
// not required.
export function fault(value, schema, path = []) {
    if (schema === true) {
        return undefined;
    }
    if (typeof schema === 'function') {
        return fault(value, schema(value), path);
    }
    if (typeof schema === 'string') {
        return kind(value) === schema ? undefined
            : { kind: 'type', path, value };
    }
    if (kind(value) !== kind(schema)) {
        return { kind: 'type', path, value };
    }
    return Array.isArray(schema) ? faultOfList(value, schema[0], path)
        : faultOfObject(value, schema, path);
}


function faultOfList(list, schema, path) {
    for (const [i, element] of list.entries()) {
        const found = fault(element, schema, [...path, i]);

        if (found) {
            return found;
        }
    }
    return undefined;
}


function faultOfObject(object, schema, path) {
    const known = members(schema);
    const unknown = Object.keys(object).find((name) =>
        !known.some((member) => member.name === name));

    if (unknown !== undefined) {
        return { kind: 'unknown', path: [...path, unknown],
            value: object[unknown] };
    }
    for (const { name, inner, required } of known) {
        const value = object[name];
        const here = [...path, name];

        if (value === undefined || value === null) {
            if (required) {
                return { kind: 'missing', path: here, value };
            }
            continue;
        }
        const found = fault(value, inner, here);

        if (found) {
            return found;
        }
    }
    return undefined;
}


// these members, and nothing is said of what is in them
export const anything = (...names) =>
    Object.fromEntries(names.map((name) => [name, true]));
