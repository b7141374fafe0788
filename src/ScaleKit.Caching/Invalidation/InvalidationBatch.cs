namespace ScaleKit.Caching;

/// <summary>The answer of <see cref="IInvalidationBus.ReadFromAsync"/>. Immutable, thread-safe.</summary>
public sealed class InvalidationBatch
{
    /// <summary>Creates an answer. The list is taken as it is and must not change afterwards.</summary>
    /// <param name="head">The place up to which the answer reaches.</param>
    /// <param name="records">The records, ascending by sequence.</param>
    /// <param name="isContinuous">Whether <paramref name="records"/> holds every record between the place asked for and <paramref name="head"/>.</param>
    /// <param name="tagFloor">Where the answer is not continuous: tag removals with this sequence or a lower one may be forgotten.</param>
    /// <exception cref="ArgumentNullException"><paramref name="records"/> is null.</exception>
    public InvalidationBatch(InvalidationPosition head, IReadOnlyList<InvalidationRecord> records, bool isContinuous, long tagFloor = 0)
    {
        ArgumentNullException.ThrowIfNull(records);
        Head = head;
        Records = records;
        IsContinuous = isContinuous;
        TagFloor = tagFloor;
    }

    /// <summary>The place up to which the answer reaches.</summary>
    public InvalidationPosition Head { get; }

    /// <summary>
    /// The records, ascending by sequence. Continuous: all since the place asked for. Not continuous: the last removal of every tag that is still
    /// remembered, and the last records as they were.
    /// </summary>
    public IReadOnlyList<InvalidationRecord> Records { get; }

    /// <summary>
    /// Whether nothing is missing. If <see langword="false"/> (the log was trimmed, or this is another epoch), the reader must give up all that it holds in
    /// memory and start from <see cref="Head"/>.
    /// </summary>
    public bool IsContinuous { get; }

    /// <summary>Where the answer is not continuous: tag removals with this sequence or a lower one may be forgotten, so older tagged entries cannot be trusted.</summary>
    public long TagFloor { get; }
}
