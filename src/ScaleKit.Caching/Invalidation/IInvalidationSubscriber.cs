namespace ScaleKit.Caching;

/// <summary>
/// Who hears invalidations. A bus calls one subscriber's methods one at a time and in the order of the log, possibly while it holds a lock of its own: an
/// implementation returns quickly, does not throw, and does not call the bus from within.
/// </summary>
public interface IInvalidationSubscriber
{
    /// <summary>A record was appended. Records may be missing, come twice or change places; the sequence tells.</summary>
    /// <param name="record">The record.</param>
    void OnInvalidation(InvalidationRecord record);

    /// <summary>
    /// Records may have been missed: the line was lost and is back, or a message could not be read. The subscriber asks
    /// <see cref="IInvalidationBus.ReadFromAsync"/>.
    /// </summary>
    void OnMissed();
}
