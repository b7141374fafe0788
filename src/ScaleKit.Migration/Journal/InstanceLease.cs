namespace ScaleKit.Migration;

/// <summary>An instance's place in the fleet, as the journal keeps it. Immutable.</summary>
/// <param name="Number">The number of the lease; an instance that lost its lease comes back under another one.</param>
/// <param name="Holder">The instance's name, for people.</param>
/// <param name="Acknowledged">The revision of the phase document that the instance runs, with no operation left from before it; 0 until it has read the document.</param>
/// <param name="HasEnded">Whether its time was over by the journal's clock when it was read.</param>
public sealed record InstanceLease(long Number, string Holder, long Acknowledged, bool HasEnded);
