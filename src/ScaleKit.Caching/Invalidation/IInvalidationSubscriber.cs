namespace ScaleKit.Caching;

/// <summary>
/// Who hears invalidations. A bus calls one subscriber's methods one at a time and in the order of the log, possibly while it holds a lock of its own: an
/// implementation returns quickly, does not throw, and does not call the bus from within.
/// </summary>
public interface IInvalidationSubscriber
{
    /// <summary>A record was appended. Records may be missing or come twice; the sequence tells.</summary>
    /// <param name="record">The record.</param>
    void OnInvalidation(InvalidationRecord record);

    /// <summary>
    /// The log reaches to <paramref name="head"/>, as a heartbeat or a restored connection tells. A subscriber that is not there yet has missed records and
    /// reads them with <see cref="IInvalidationBus.ReadFromAsync"/>.
    /// </summary>
    /// <param name="head">The end of the log.</param>
    void OnHead(InvalidationPosition head);
}
