import type { HandleClientError } from '@sveltejs/kit';

/** An address that does not exist is no fault of the page: nothing for the console. */
export const handleError: HandleClientError = ({ error, status, message }) => {
	if (status !== 404) console.error(error);
	return { message };
};
