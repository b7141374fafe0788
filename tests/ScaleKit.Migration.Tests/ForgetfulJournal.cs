namespace ScaleKit.Migration.Tests;

/// <summary>A journal that forgets the last writes of a document, as a promoted replica does that had not got them. Leases and audit log stay.</summary>
public sealed class ForgetfulJournal : IMigrationJournal
{
    private readonly InMemoryJournal _rest = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<string>> _documents = new(StringComparer.Ordinal);

    /// <summary>After how many more writes of a document they fail, without effect; null for none.</summary>
    public int? WritesLeft { get; set; }

    public void Forget(string name, int writes)
    {
        lock (_gate)
        {
            var document = _documents[name];
            document.RemoveRange(document.Count - writes, writes);
        }
    }

    public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return new(_documents.GetValueOrDefault(name) is { Count: > 0 } document ? new JournalEntry(document[^1], document.Count) : null);
        }
    }

    public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (WritesLeft-- <= 0)
            {
                throw new IOException("the journal is down");
            }

            if (!_documents.TryGetValue(name, out var document))
            {
                _documents.Add(name, document = []);
            }

            if (document.Count != expectedRevision)
            {
                return new(false);
            }

            document.Add(text);
            return new(true);
        }
    }

    public ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default) =>
        _rest.TakeLeaseAsync(fleet, holder, duration, cancellationToken);

    public ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default) =>
        _rest.RenewLeaseAsync(fleet, number, acknowledged, duration, cancellationToken);

    public ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default) => _rest.GetLeasesAsync(fleet, cancellationToken);

    public ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default) =>
        _rest.RemoveLeaseAsync(fleet, number, onlyIfEnded, cancellationToken);

    public ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default) => _rest.AppendAuditAsync(fleet, text, cancellationToken);

    public ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default) =>
        _rest.ReadAuditAsync(fleet, after, limit, cancellationToken);
}
