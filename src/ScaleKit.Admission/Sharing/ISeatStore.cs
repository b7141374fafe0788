namespace ScaleKit.Admission;

/// <summary>
/// Where the seats of a queue are counted when several processes share them. What every implementation keeps: a step is decided at once and as a whole; no
/// grant exceeds a cap; a room serves in the order of arrival over all nodes; a step that is repeated with its number gets the answer that it got and changes
/// nothing; the seats of a node that has not called for its lease come free once. Thread-safe.
/// </summary>
public interface ISeatStore
{
    /// <summary>Decides one step of one node. A node has one step under way at a time, and repeats it until it is answered.</summary>
    /// <param name="step">What the node asks for.</param>
    /// <param name="cancellationToken">Ends the wait; the step may have been decided all the same.</param>
    /// <returns>What was decided. Any exception means that the store is out of reach.</returns>
    ValueTask<SeatReply> StepAsync(SeatStep step, CancellationToken cancellationToken = default);

    /// <summary>Calls <paramref name="wake"/> soon after a step of another node has granted something to this one. Calls may get lost, so a node asks now and then as well.</summary>
    /// <param name="node">The node, as in <see cref="SeatStep.Node"/>.</param>
    /// <param name="wake">Must return at once.</param>
    /// <returns>Ends the subscription when it is disposed.</returns>
    IDisposable Subscribe(string node, Action wake);
}
