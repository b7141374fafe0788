using System.Collections.Concurrent;

namespace ScaleKit.Migration;

/// <summary>The rows that the mirror has refused, and how often. Kept by the instance that repairs: after a restart they are tried again. Thread-safe.</summary>
internal sealed class RefusedRows<TKey>(int attemptsMaximum, MigrationInstruments instruments)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, DeadLetter<TKey>> _refused = new();

    public IReadOnlyList<DeadLetter<TKey>> Dead => [.. _refused.Values.Where(IsDead)];

    public int Count => _refused.Count;

    public bool IsDead(TKey key) => _refused.TryGetValue(key, out var refused) && IsDead(refused);

    public void Refuse(TKey key, RowVersion version, Exception failure)
    {
        _refused.AddOrUpdate(
            key,
            static (key, now) => new DeadLetter<TKey>(key, now.Version, 1, now.Reason),
            static (_, before, now) => before with { Version = now.Version, Attempts = before.Attempts + 1, Reason = now.Reason },
            (Version: version, Reason: failure.Message));
        instruments.SetDeadLetters(_refused.Values.Count(IsDead));
    }

    public void Take(TKey key)
    {
        if (_refused.TryRemove(key, out _))
        {
            instruments.SetDeadLetters(_refused.Values.Count(IsDead));
        }
    }

    public int Forget()
    {
        var dead = _refused.Values.Count(IsDead);
        _refused.Clear();
        instruments.SetDeadLetters(0);
        return dead;
    }

    private bool IsDead(DeadLetter<TKey> refused) => refused.Attempts >= attemptsMaximum;
}
