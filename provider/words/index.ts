export * from "./calls";
export * from "./inputs";
export * from "./login";
export * from "./message";
export * from "./programs";
export * from "./rotations";
export * from "./waiting";
export * from "./wayIn";
