using System.Collections.Concurrent;
using System.Data.Common;

namespace ScaleKit.Migration;

/// <summary>A few open sessions for reads, and the making of others. Thread-safe.</summary>
internal sealed class SqlSessionPool(Func<DbConnection> connect, SqlDialect dialect, int capacity, Func<SqlSession, CancellationToken, ValueTask> prepare) : IAsyncDisposable
{
    private readonly ConcurrentBag<SqlSession> _idle = [];
    private readonly SemaphoreSlim _free = new(capacity, capacity);
    private readonly SemaphoreSlim _preparing = new(1, 1);
    private volatile bool _prepared;
    private int _disposed;

    public async ValueTask<SqlSession> OpenAsync(CancellationToken cancellationToken)
    {
        var session = new SqlSession(connect());
        try
        {
            await session.OpenAsync(dialect, cancellationToken).ConfigureAwait(false);
            await PrepareOnceAsync(session, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<T> UseAsync<T>(Func<SqlSession, CancellationToken, ValueTask<T>> body, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            if (!_idle.TryTake(out var session))
            {
                session = await OpenAsync(cancellationToken).ConfigureAwait(false);
            }

            var healthy = false;
            try
            {
                var result = await body(session, cancellationToken).ConfigureAwait(false);
                healthy = true;
                return result;
            }
            finally
            {
                // A session that failed may stand in the middle of a statement: it is not used again.
                if (healthy && session.IsOpen)
                {
                    _idle.Add(session);
                }
                else
                {
                    await session.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        for (var i = 0; i < capacity; i++)
        {
            await _free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        while (_idle.TryTake(out var session))
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }

        // Callers that came in at the same moment find no permit otherwise; they fail on the closed pool.
        _free.Release(capacity);
        _preparing.Dispose();
    }

    private async ValueTask PrepareOnceAsync(SqlSession session, CancellationToken cancellationToken)
    {
        if (_prepared)
        {
            return;
        }

        await _preparing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_prepared)
            {
                await prepare(session, cancellationToken).ConfigureAwait(false);
                _prepared = true;
            }
        }
        finally
        {
            _preparing.Release();
        }
    }
}
