namespace ScaleKit.Admission;

/// <content>Places that outlive a connection: who comes back with a token stands where it stood. Nothing is kept for those who do not come back.</content>
public sealed partial class AdmissionQueue
{
    private readonly ResumeTokens _tokens = new();
    private readonly ResumePlaces _places = new();

    /// <summary>For tests.</summary>
    internal int ResumablePlaces
    {
        get
        {
            lock (_gate)
            {
                return _places.Count;
            }
        }
    }

    internal string? WriteResumeToken(Waiter waiter)
    {
        string? client;
        long number;
        TimeSpan until;
        lock (_gate)
        {
            if (!waiter.IsLinked || waiter.ClientId is null || _shared is not null)
            {
                return null;
            }

            var now = _clock.Now;
            (client, number, until) = (waiter.ClientId, waiter.Number, now + _options.ResumeLifetime);
            if (waiter.ResumableUntil == TimeSpan.Zero)
            {
                _ = _places.TryTake(number, now);
            }

            waiter.ResumableUntil = until > waiter.ResumableUntil ? until : waiter.ResumableUntil;
        }

        return _tokens.Write(number, until, waiter.Room.Name, client);
    }

    /// <summary>Gives the visitor the number that its token names. A token that is not good makes it a newcomer, no more.</summary>
    private void Resume_NeedsLock(Waiter waiter, string token, TimeSpan now)
    {
        if (waiter.ClientId is { } client && _tokens.TryRead(token, waiter.Room.Name, client, now, out var number, out var until) && _places.TryTake(number, now))
        {
            waiter.Resume(number, until);
        }
    }
}
