namespace ScaleKit.Migration;

/// <summary>Says whether and how two looks at one row differ.</summary>
internal sealed class RowComparison<TValue>(Func<TValue, TValue, bool>? own)
{
    private readonly Func<TValue, TValue, bool> _sameValue = own ?? Same;

    /// <summary>Whether the user says which values are the same: then bytes that differ say nothing.</summary>
    public bool IsOwn => own is not null;

    /// <summary>Null when the stores agree. Nothing and a tombstone agree: no reader can tell them apart.</summary>
    public DifferenceKind? Compare(VersionedValue<TValue> sequencer, VersionedValue<TValue> mirror)
    {
        if (!sequencer.Exists && !mirror.Exists)
        {
            return null;
        }

        if (sequencer.Version == mirror.Version)
        {
            return sequencer.Exists == mirror.Exists && _sameValue(sequencer.Value!, mirror.Value!) ? null : DifferenceKind.Different;
        }

        return sequencer.Version.IsNone ? DifferenceKind.Extra
            : mirror.Version.IsNone ? DifferenceKind.Missing
            : mirror.Version < sequencer.Version ? DifferenceKind.Stale
            : DifferenceKind.Different;
    }

    private static bool Same(TValue left, TValue right) =>
        left is byte[] bytes && right is byte[] others ? bytes.AsSpan().SequenceEqual(others) : EqualityComparer<TValue>.Default.Equals(left, right);
}
