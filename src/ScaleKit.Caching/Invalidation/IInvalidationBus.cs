namespace ScaleKit.Caching;

/// <summary>
/// The logs through which caches tell each other what is void, one for each cache name: numbered records in one order for all. The sequence is also the version
/// of cached values, so that no wall clock takes part. Delivery may lose records; a subscriber sees the gap in the numbers and reads what it missed. A log that
/// loses records must begin a new epoch before it answers a reader who knows of them. Implementations are thread-safe.
/// </summary>
public interface IInvalidationBus
{
    /// <summary>
    /// Whether records can get lost on the way, or the log can be out of reach. A subscriber then reads the log again and again and trusts its knowledge only
    /// for a time. <see langword="false"/> where every subscriber has heard a record when <see cref="AppendAsync"/> returns.
    /// </summary>
    bool NeedsHeartbeat { get; }

    /// <summary>Appends a record, numbers it and delivers it to the subscribers. When it returns, every later reader of the log sees the record.</summary>
    /// <param name="invalidation">What is void.</param>
    /// <param name="cancellationToken">Gives up waiting; the record may have been appended all the same.</param>
    /// <returns>The place of the record; its sequence is the version of a value that is stored together with it.</returns>
    ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the records after <paramref name="after"/>; where they are not all there any more, or <paramref name="after"/> is not part of this log's history,
    /// the batch says so and holds what is remembered.
    /// </summary>
    /// <param name="cache">Whose log.</param>
    /// <param name="after">The last place that the reader knows; <see langword="default"/> if it knows none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The records and the place that they reach.</returns>
    ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default);

    /// <summary>Delivers every record that is appended from now on, in order.</summary>
    /// <param name="cache">Whose records.</param>
    /// <param name="subscriber">Who hears them.</param>
    /// <returns>Ends the subscription when it is disposed.</returns>
    IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber);
}
