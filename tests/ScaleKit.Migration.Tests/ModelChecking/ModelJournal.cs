using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The journal's documents. Not thread-safe.</summary>
internal sealed class ModelJournal
{
    private readonly SortedDictionary<string, (JournalEntry Entry, ulong Hash)> _documents = new(StringComparer.Ordinal);

    public ModelJournal Copy()
    {
        var copy = new ModelJournal();
        foreach (var (name, document) in _documents)
        {
            copy._documents.Add(name, document);
        }

        return copy;
    }

    public ulong Hash() => _documents.Values.Aggregate(3UL, static (hash, document) => Mix.In(hash, document.Hash));

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
}
