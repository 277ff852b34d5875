// The usage in an answer.  A meter is fed the answer's bytes, says what of
// them may be sent on, and then knows the usage, if there was one.
import { StringDecoder } from 'node:string_decoder';


// One JSON document: its usage is known when all of it is there.
class DocumentMeter {
    usage = null;
    #chunks = [];

    feed(bytes) {
        this.#chunks.push(bytes);

        return '';
    }

    end() {
        const document = Buffer.concat(this.#chunks);

        try {
            this.usage = JSON.parse(document.toString('utf8')).usage ?? null;
        } catch {
            // no usage
        }
        return document;
    }
}


// Server-sent events, less the usage chunk if it is to be hidden.
class EventMeter {
    usage = null;
    #hidesUsage;
    #decoder = new StringDecoder('utf8');
    #rest = '';

    constructor(hidesUsage) {
        this.#hidesUsage = hidesUsage;
    }

    feed(bytes) {
        const events = (this.#rest + this.#decoder.write(bytes)).split('\n\n');
        let kept = '';

        this.#rest = events.pop();
        for (const event of events) {
            if (this.#see(event)) {
                kept += `${event}\n\n`;
            }
        }
        return kept;
    }

    end() {
        return this.#rest + this.#decoder.end();
    }

    // whether the client may see it, too
    #see(event) {
        let chunk;

        if (!event.startsWith('data: {')) {
            return true;
        }

        try {
            chunk = JSON.parse(event.slice('data: '.length));
        } catch {
            return true;
        }

        this.usage = chunk.usage ?? this.usage;
        return !(this.#hidesUsage && chunk.usage
            && chunk.choices?.length === 0);
    }
}


export function makeMeter(contentType, hidesUsage) {
    return contentType?.startsWith('text/event-stream')
        ? new EventMeter(hidesUsage) : new DocumentMeter();
}
