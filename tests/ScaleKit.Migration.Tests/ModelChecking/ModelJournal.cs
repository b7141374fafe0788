using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The journal's documents. Not thread-safe.</summary>
internal sealed class ModelJournal(Guard dropped)
{
    private readonly SortedDictionary<string, (JournalEntry Entry, ulong Hash)> _documents = new(StringComparer.Ordinal);

    private readonly List<InstanceLease> _leases = [];
    private long _number;

    public ModelJournal Copy()
    {
        var copy = new ModelJournal(dropped) { _number = _number };
        copy._leases.AddRange(_leases);
        foreach (var (name, document) in _documents)
        {
            copy._documents.Add(name, document);
        }

        return copy;
    }

    public ulong Hash() => Mix.In(Mix.In(_documents.Values.Aggregate(3UL, static (hash, document) => Mix.In(hash, document.Hash)), _number), Hash(_leases));

    public static ulong Hash(IReadOnlyList<InstanceLease> leases) =>
        leases.Aggregate(11UL, static (hash, lease) => Mix.In(Mix.In(Mix.In(hash, lease.Number), lease.Acknowledged), lease.HasEnded));

    public JournalEntry? Read(string name) => _documents.TryGetValue(name, out var document) ? document.Entry : null;

    public bool TryWrite(string name, long expectedRevision, string text)
    {
        if ((Read(name)?.Revision ?? 0) != expectedRevision)
        {
            return false;
        }

        var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()), expectedRevision);
        _documents[name] = (new JournalEntry(text, expectedRevision + 1), hash);
        return true;
    }

    public long TakeLease(string holder)
    {
        _leases.Add(new(++_number, holder, 0, HasEnded: false));
        return _number;
    }

    public bool RenewLease(long number, long acknowledged) => Change(number, lease => lease with { Acknowledged = acknowledged, HasEnded = false });

    /// <summary>The time of a lease runs out by the journal's clock.</summary>
    public bool EndLease(long number) => Change(number, static lease => lease with { HasEnded = true });

    public void EndLeases()
    {
        for (var i = 0; i < _leases.Count; i++)
        {
            _leases[i] = _leases[i] with { HasEnded = true };
        }
    }

    public void RemoveLeases() => _leases.Clear();

    public bool Holds(long number) => _leases.Exists(l => l.Number == number && !l.HasEnded);

    public IReadOnlyList<InstanceLease> Leases() =>
    [
        .. _leases
            .Where(l => !l.HasEnded || !dropped.HasFlag(Guard.FencedPassing))
            .Select(l => dropped.HasFlag(Guard.Acknowledgement) ? l with { Acknowledged = long.MaxValue } : l),
    ];

    public bool RemoveLease(long number, bool onlyIfEnded)
    {
        _leases.RemoveAll(l => l.Number == number && (l.HasEnded || !onlyIfEnded));
        return !_leases.Exists(l => l.Number == number);
    }

    private bool Change(long number, Func<InstanceLease, InstanceLease> change)
    {
        var index = _leases.FindIndex(l => l.Number == number);
        if (index >= 0)
        {
            _leases[index] = change(_leases[index]);
        }

        return index >= 0;
    }
}
