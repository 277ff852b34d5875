// What the browser's tests, which are typed, use of nginx.mjs.
export class Nginx {
	readonly prefix: string;
	readonly port: number;
	constructor(options: {
		port: number;
		http: string;
		workers?: number;
		level?: string;
		modules?: string[];
	});
	start(): Promise<void>;
	end(): Promise<void>;
	remove(): void;
}
