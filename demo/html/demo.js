// The smallest page that shows it all: sign in, ask, see what it cost.

const element = (id) => document.getElementById(id);
const say = (text) => { element('status').textContent = text; };


async function post(path, body) {
    return fetch(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
    });
}


// resolves to an Error of what the server said
async function refusal(response) {
    const body = await response.json().catch(() => ({}));

    return new Error(body.error?.message ?? body.message
        ?? response.statusText);
}


function show(signedIn) {
    element('sign-in').hidden = signedIn;
    element('chat').hidden = !signedIn;
}


async function refresh() {
    const response = await fetch('/api/credits');

    show(response.status !== 401);
    if (response.status === 401) {
        return;
    }
    if (!response.ok) {
        throw await refusal(response);
    }

    const { balance, held, debt } = await response.json();
    const parts = [`${balance.toLocaleString()} credits`];

    if (held > 0) {
        parts.push(`${held.toLocaleString()} held`);
    }
    if (debt > 0) {
        parts.push(`${debt.toLocaleString()} owed`);
    }
    element('balance').textContent = parts.join(', ');
}


// the text of each event of a stream of chat completion chunks
async function* deltas(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream())
        .getReader();
    let rest = '';

    for (;;) {
        const { done, value } = await reader.read();
        if (done) {
            return;
        }

        const lines = (rest + value).split('\n');
        rest = lines.pop();

        for (const line of lines) {
            if (line.startsWith('data: {')) {
                const chunk = JSON.parse(line.slice('data: '.length));

                if (chunk.error) {
                    throw new Error(chunk.error.message);
                }
                yield chunk.choices[0]?.delta.content ?? '';
            }
        }
    }
}


// what a request cost: it is settled right after the end of the answer
async function cost(requestId) {
    for (let i = 0; i < 20; i++) {
        const response = await fetch('/api/credits/transactions?limit=5');
        const { transactions } = await response.json();
        const debit = transactions.find(({ id }) => id === requestId);

        if (debit) {
            return debit;
        }
        await new Promise((resolve) => { setTimeout(resolve, 250); });
    }
    return null;
}


async function ask(text) {
    const answer = element('answer');

    answer.textContent = '';
    const response = await post('/api/chat', {
        model: 'gpt-4o-mini',
        stream: true,
        messages: [{ role: 'user', content: text }],
    });
    if (!response.ok) {
        throw await refusal(response);
    }

    for await (const delta of deltas(response)) {
        answer.textContent += delta;
    }

    const debit = await cost(response.headers.get('X-Credits-Request-Id'));
    say(debit ? `${debit.amount} credits for`
        + ` ${debit.metadata.totalTokens.toLocaleString()} tokens` : '');
}


// a submit or click handler: one at a time, and its error is shown
function handle(id, event, act) {
    element(id).addEventListener(event, async (submitted) => {
        const form = submitted.currentTarget;
        const button = submitted.submitter ?? form;

        submitted.preventDefault();
        button.disabled = true;
        say('');
        try {
            await act(form);
        } catch (error) {
            say(error.message);
        } finally {
            button.disabled = false;
        }
    });
}


handle('sign-in', 'submit', async (form) => {
    const response = await post('/api/auth/sign-in/email',
        Object.fromEntries(new FormData(form)));

    if (!response.ok) {
        throw await refusal(response);
    }
    await refresh();
});

handle('sign-out', 'click', async () => {
    await post('/api/auth/sign-out', {});
    element('answer').textContent = '';
    show(false);
});

handle('question', 'submit',
    (form) => ask(new FormData(form).get('text')).finally(refresh));

refresh().catch((error) => say(error.message));
