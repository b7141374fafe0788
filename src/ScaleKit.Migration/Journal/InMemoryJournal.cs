namespace ScaleKit.Migration;

/// <summary>
/// A journal that lasts as long as the process. For stores that live no longer, and for tests. With lasting stores a restart begins in phase A; the fences
/// that the migration has raised then refuse the writes, so nothing is lost, but nothing goes on either: use <see cref="SqlJournal"/>. Thread-safe.
/// </summary>
/// <param name="timeProvider">The clock of leases and audit records; the system's unless given.</param>
public sealed class InMemoryJournal(TimeProvider? timeProvider = null) : IMigrationJournal
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;
    private readonly Dictionary<string, JournalEntry> _documents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<long, Held>> _leases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<JournalAuditRecord>> _audit = new(StringComparer.Ordinal);
    private long _number;

    /// <inheritdoc/>
    public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(_documents.GetValueOrDefault(name));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if ((_documents.GetValueOrDefault(name)?.Revision ?? 0) != expectedRevision)
            {
                return ValueTask.FromResult(false);
            }

            _documents[name] = new JournalEntry(text, expectedRevision + 1);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        ArgumentException.ThrowIfNullOrEmpty(holder);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Leases_NeedsLock(fleet).Add(++_number, new Held(holder, 0, _time.GetTimestamp(), duration));
            return ValueTask.FromResult(_number);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var leases = Leases_NeedsLock(fleet);
            if (!leases.TryGetValue(number, out var held))
            {
                return ValueTask.FromResult(false);
            }

            leases[number] = new Held(held.Holder, acknowledged, _time.GetTimestamp(), duration);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<InstanceLease>>(
                [.. Leases_NeedsLock(fleet).Select(l => new InstanceLease(l.Key, l.Value.Holder, l.Value.Acknowledged, HasEnded(l.Value)))]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var leases = Leases_NeedsLock(fleet);
            if (leases.TryGetValue(number, out var held) && onlyIfEnded && !HasEnded(held))
            {
                return ValueTask.FromResult(false);
            }

            leases.Remove(number);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        ArgumentNullException.ThrowIfNull(text);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var log = Audit_NeedsLock(fleet);
            log.Add(new JournalAuditRecord(log.Count + 1, _time.GetUtcNow(), text));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<JournalAuditRecord>>([.. Audit_NeedsLock(fleet).Skip((int)Math.Min(after, int.MaxValue)).Take(limit)]);
        }
    }

    private bool HasEnded(Held held) => _time.GetElapsedTime(held.Since) >= held.Duration;

    private SortedDictionary<long, Held> Leases_NeedsLock(string fleet)
    {
        if (!_leases.TryGetValue(fleet, out var leases))
        {
            _leases.Add(fleet, leases = []);
        }

        return leases;
    }

    private List<JournalAuditRecord> Audit_NeedsLock(string fleet)
    {
        if (!_audit.TryGetValue(fleet, out var log))
        {
            _audit.Add(fleet, log = []);
        }

        return log;
    }

    private sealed record Held(string Holder, long Acknowledged, long Since, TimeSpan Duration);
}
