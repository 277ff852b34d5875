import DOMPurify from 'dompurify';
import { ATTRIBUTES, ELEMENTS, type Fill } from './policy';

const CONFIG = {
	ALLOWED_TAGS: ELEMENTS,
	ALLOWED_ATTR: ATTRIBUTES,
	ALLOW_ARIA_ATTR: false,
	ALLOW_DATA_ATTR: false,
	RETURN_TRUSTED_TYPE: true
};

export const fill: Fill = (node, html) => {
	// TrustedHTML, where there is such a thing
	node.innerHTML = DOMPurify.sanitize(html, CONFIG);
};
