// A name out of the page's address. A person can type what is no encoding: then it is taken as it stands.
export function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
