const HOME = '/dashboard/chat';

/** Where to go after signing in: the query's `next` if it is a path of this site. */
export function nextPath(search: string, origin: string): string {
	const next = new URLSearchParams(search).get('next');
	if (!next?.startsWith('/') || !URL.canParse(next, origin)) return HOME;
	const url = new URL(next, origin);
	// `//host` and `/\host` begin with a slash, too
	return url.origin === origin ? url.pathname + url.search + url.hash : HOME;
}

/** The sign-in page that leads back to where one is. */
export function signInPath({ pathname, search, hash }: URL | Location): string {
	return `/sign-in?next=${encodeURIComponent(pathname + search + hash)}`;
}
