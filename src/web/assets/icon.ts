/** Three crates. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#17907d" stroke-width="2.4" stroke-linejoin="round"><path d="M10 4h12v11H10zM3 17h12v11H3zM17 17h12v11H17zM14 4v4h4V4M7 17v4h4v-4M21 17v4h4v-4"/></svg>
`;
