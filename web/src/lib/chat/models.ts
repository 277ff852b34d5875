// The models people may choose from: fixed when the site is built.

export interface Model {
	id: string;
	label: string;
}

export const models: readonly [Model, ...Model[]] = [
	{ id: 'gpt-4o-mini', label: 'GPT-4o mini' },
	{ id: 'gpt-4o', label: 'GPT-4o' },
	{ id: 'gpt-4.1-mini', label: 'GPT-4.1 mini' },
	{ id: 'gpt-4.1', label: 'GPT-4.1' }
];

export const defaultModel = models[0].id;

/** The name to show; a model that is no longer offered shows its id. */
export function labelOf(id: string): string {
	return models.find((model) => model.id === id)?.label ?? id;
}
