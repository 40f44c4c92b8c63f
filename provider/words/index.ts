export * from "./calls";
export * from "./inputs";
export * from "./login";
export * from "./message";
export * from "./programs";
export * from "./slots";
export * from "./waiting";
