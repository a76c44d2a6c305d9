// A page that can't be drawn leaves the frame standing and says so.
import { Component, type ReactNode } from 'react';
import { Failure } from './controls';

export class Guard extends Component<{ children: ReactNode }, { error?: unknown }> {
    override state: { error?: unknown } = {};
    static getDerivedStateFromError(error: unknown) {
        return { error };
    }
    override render() {
        return this.state.error ? <Failure error={this.state.error} on_retry={() => this.setState({ error: undefined })} /> : this.props.children;
    }
}
