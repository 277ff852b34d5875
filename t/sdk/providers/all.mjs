// The provider of each API.
import { anthropic } from './anthropic.mjs';
import { cohere } from './cohere.mjs';
import { gemini } from './gemini.mjs';
import { mistral } from './mistral.mjs';
import { ollama } from './ollama.mjs';
import { groq, openai, openrouter } from './openai.mjs';

export const PROVIDERS = {
    openai, groq, openrouter, anthropic, gemini, mistral, cohere, ollama,
};
