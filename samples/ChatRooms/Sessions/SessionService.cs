using System.Diagnostics;
using ScaleKit.Caching;

namespace ChatRooms;

/// <summary>Opens, finds and ends sessions; each look-up goes through the two-level cache before it reaches the table.</summary>
internal sealed class SessionService(SessionTable table, TwoLevelCache cache, ChatMetrics metrics, TimeProvider time)
{
    public async Task<(string Token, Session Session)> OpenAsync(string nickname, CancellationToken cancellationToken)
    {
        var token = SessionToken.Create();
        var session = new Session(Guid.CreateVersion7().ToString("n"), nickname, time.GetUtcNow().ToUnixTimeMilliseconds());
        await table.InsertAsync(SessionToken.HashOf(token), session, cancellationToken);
        return (token, session);
    }

    public async ValueTask<Session?> FindAsync(string? token, CancellationToken cancellationToken)
    {
        if (!SessionToken.LooksRight(token))
            return null;
        var started = Stopwatch.GetTimestamp();
        var hash = SessionToken.HashOf(token!);
        var session = await cache.GetOrCreateAsync(
            $"session:{hash}",
            (table, hash),
            static (state, stop) => state.table.FindAsync(state.hash, stop),
            cancellationToken: cancellationToken);
        metrics.SessionChecked(started);
        return session;
    }

    public async Task EndAsync(string token, CancellationToken cancellationToken)
    {
        var hash = SessionToken.HashOf(token);
        await table.DeleteAsync(hash, cancellationToken);
        await cache.RemoveAsync($"session:{hash}", cancellationToken);
    }
}
