/** Installs a contender's packages in its own folder, unless they are there. @returns the folder */
export function installContender(name: 'networker-1' | 'libp2p'): Promise<string>
