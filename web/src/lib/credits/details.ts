// What the page with the credits brings after the balance, as one chunk.

export { Details } from './details.svelte';
export { default as HistoryCard } from './HistoryCard.svelte';
export { default as Outlook } from './Outlook.svelte';
export { default as PackageList } from './PackageList.svelte';
export { default as UsageChart } from './UsageChart.svelte';
