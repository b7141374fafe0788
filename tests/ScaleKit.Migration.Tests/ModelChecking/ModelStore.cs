namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// A store of one row that is copied and hashed in nanoseconds. It does what the contract suite asks of every store, and can leave one guard out. Each method is one atomic
/// step. Not thread-safe.
/// </summary>
internal sealed class ModelStore(string name, Guard dropped)
{
    private readonly List<OutboxEntry<long>> _outbox = [];
    private long _fence;
    private long _sequence;

    public string Name => name;

    public VersionedValue<long> Row { get; private set; }

    /// <summary>Set when a row was replaced by one of the same or an older version.</summary>
    public bool VersionFell { get; private set; }

    public ModelStore Copy()
    {
        var copy = new ModelStore(name, dropped) { Row = Row, _fence = _fence, _sequence = _sequence };
        copy._outbox.AddRange(_outbox);
        return copy;
    }

    public ulong Hash()
    {
        var hash = Mix.In(Mix.In(Mix.In(1, Row), _fence), _sequence);
        foreach (var entry in _outbox)
        {
            hash = Mix.In(Mix.In(hash, entry.Sequence), entry.Version);
        }

        return hash;
    }

    public WriteResult Write(SequencedWrite<long, long> write)
    {
        var epoch = dropped.HasFlag(Guard.Epoch) ? Math.Max(write.Epoch, Math.Max(_fence, Row.Version.Epoch)) : write.Epoch;
        if ((epoch < _fence && !dropped.HasFlag(Guard.Fence)) || epoch < Row.Version.Epoch)
        {
            return new(WriteStatus.Fenced, Row.Version);
        }

        if (write.Expected is { } expected && (expected.IsNone ? Row.Exists : Row.Version != expected))
        {
            return new(WriteStatus.Conflict, Row.Version);
        }

        if (write.IsDelete && !Row.Exists && write.Floor.IsNone)
        {
            return new(WriteStatus.NotFound, Row.Version);
        }

        var version = new RowVersion(epoch, Math.Max(Row.Version.Counter, write.Floor.Counter) + 1);
        Put(write.IsDelete ? VersionedValue.Tombstone<long>(version) : VersionedValue.Live(write.Value, version));
        if (!write.Outbox || dropped.HasFlag(Guard.Outbox))
        {
            return new(WriteStatus.Written, version);
        }

        _outbox.Add(new(write.Key, version, ++_sequence));
        return new(WriteStatus.Written, version, _sequence);
    }

    public bool Apply(VersionedEntry<long, long> entry)
    {
        if (entry.Version <= Row.Version && !dropped.HasFlag(Guard.ConditionalApply))
        {
            return false;
        }

        Put(entry.Row);
        return true;
    }

    public long Fence(long epoch) => _fence = Math.Max(_fence, epoch);

    public OutboxStatus Status() => dropped.HasFlag(Guard.OutboxDrain)
        ? new([new(0, _sequence + 1, _sequence + 1)])
        : new([new(_outbox.Count, _outbox.Count == 0 ? _sequence + 1 : _outbox[0].Sequence, _sequence + 1)]);

    public IReadOnlyList<OutboxEntry<long>> Peek(int limit) => [.. _outbox.Take(limit)];

    public bool Acknowledge(IReadOnlyList<OutboxEntry<long>> entries) => _outbox.RemoveAll(e => entries.Any(paid => paid.Sequence == e.Sequence)) > 0;

    private void Put(VersionedValue<long> row)
    {
        if (row.IsDeleted && dropped.HasFlag(Guard.Tombstone))
        {
            Row = default;
            return;
        }

        VersionFell |= row.Version <= Row.Version && dropped == Guard.None;
        Row = row;
    }
}
