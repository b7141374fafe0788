namespace ScaleKit.Caching;

/// <summary>
/// The log through which caches tell each other what is void: numbered records in one order for all. Its sequence is also the version of cached values, so
/// that no wall clock takes part. Delivery may lose records; a subscriber sees the gap in the numbers and reads what it missed. Implementations are thread-safe.
/// </summary>
public interface IInvalidationBus
{
    /// <summary>Appends a record, numbers it and delivers it to the subscribers. When it returns, every later reader of the log sees the record.</summary>
    /// <param name="invalidation">What is void.</param>
    /// <param name="cancellationToken">Gives up waiting; the record may have been appended all the same.</param>
    /// <returns>The place of the record; its sequence is the version of a value that is stored together with it.</returns>
    ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default);

    /// <summary>Tells the end of the log.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The place of the last record; sequence 0 where there is none yet.</returns>
    ValueTask<InvalidationPosition> GetHeadAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads the records after <paramref name="after"/>; where they are not all there any more, the batch says so and holds what is remembered of the tags.</summary>
    /// <param name="after">The last place that the reader knows; <see langword="default"/> if it knows none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The records and the place that they reach.</returns>
    ValueTask<InvalidationBatch> ReadFromAsync(InvalidationPosition after, CancellationToken cancellationToken = default);

    /// <summary>Delivers every record after <paramref name="after"/> that is still in the log, then every record that is appended, in order.</summary>
    /// <param name="subscriber">Who hears them.</param>
    /// <param name="after">The last place that the subscriber knows; <see langword="default"/> for new records only.</param>
    /// <returns>Ends the subscription when it is disposed.</returns>
    IDisposable Subscribe(IInvalidationSubscriber subscriber, InvalidationPosition after = default);
}
