/** What every subscription returns: calling it ends the subscription. Calling it twice does nothing more. */
export type Undo = () => void;
