using System.Collections.Concurrent;
using System.Data.Common;

namespace ScaleKit.Migration;

/// <summary>
/// Group commit: writes that wait at the same time share one transaction and one wait for the disk. One connection writes, in the order of arrival, which is all
/// that SQLite allows anyway; with PostgreSQL other processes write beside it. Thread-safe.
/// </summary>
internal sealed class SqlWriteQueue(string store, SqlSessionPool pool, string begin, int batchSize, int capacity) : IAsyncDisposable
{
    private readonly ConcurrentQueue<SqlWork> _waiting = new();
    private readonly SemaphoreSlim _idle = new(1, 1);
    private SqlSession? _session;
    private int _count;
    private int _running;
    private volatile bool _disposed;
    private int _disposeOnce;

    public async ValueTask<TResult> RunAsync<TResult>(Func<SqlSession, ValueTask<TResult>> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.Increment(ref _count) > capacity)
        {
            Interlocked.Decrement(ref _count);
            throw new StoreOverloadedException($"{capacity} writes wait for '{store}' already.");
        }

        var work = new SqlWork<TResult>(body);
        _waiting.Enqueue(work);
        Wake();
        if (_disposed)
        {
            // Ordering: enqueued, then looked. Whoever disposed before the enqueue does not see this write.
            work.Fail(new ObjectDisposedException(store));
        }

        try
        {
            return await work.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            work.TryCancel();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposeOnce, 1) != 0)
        {
            return;
        }

        _disposed = true;
        await _idle.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        if (_session is not null)
        {
            await _session.DisposeAsync().ConfigureAwait(false);
        }

        while (_waiting.TryDequeue(out var work))
        {
            work.Fail(new ObjectDisposedException(store));
        }

        _idle.Release();
    }

    private void Wake()
    {
        if (Interlocked.CompareExchange(ref _running, 1, 0) == 0)
        {
            _ = Task.Run(WriteAllAsync);
        }
    }

    private async Task WriteAllAsync()
    {
        do
        {
            await _idle.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                while (!_disposed && TakeBatch() is { Count: > 0 } batch)
                {
                    await WriteBatchAsync(batch).ConfigureAwait(false);
                }
            }
            finally
            {
                _idle.Release();
                Volatile.Write(ref _running, 0);
            }

            // Ordering: a writer that enqueued after the last look and saw a running loop is taken here.
            Interlocked.MemoryBarrier();
        }
        while (!_disposed && !_waiting.IsEmpty && Interlocked.CompareExchange(ref _running, 1, 0) == 0);
    }

    private List<SqlWork> TakeBatch()
    {
        var batch = new List<SqlWork>();
        while (batch.Count < batchSize && _waiting.TryDequeue(out var work))
        {
            Interlocked.Decrement(ref _count);
            if (work.TryBegin())
            {
                batch.Add(work);
            }
        }

        return batch;
    }

    private async Task WriteBatchAsync(List<SqlWork> batch)
    {
        try
        {
            var session = _session ??= await pool.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            if (await TryWriteAsync(session, batch).ConfigureAwait(false) is not { } failure)
            {
                batch.ForEach(static work => work.Succeed());
            }
            else if (batch.Count == 1)
            {
                batch[0].Fail(failure);
            }
            else
            {
                // Rolled back: nobody's write has taken effect. Alone, only the one that fails fails.
                foreach (var work in batch)
                {
                    await WriteBatchAsync([work]).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure)
        {
            // Opening or committing failed: for a commit the outcome is unknown, so nothing is tried again here.
            await DropSessionAsync().ConfigureAwait(false);
            batch.ForEach(work => work.Fail(failure));
        }
    }

    // Null when committed; the failure when everything was rolled back; an exception of the commit goes through.
    private async ValueTask<Exception?> TryWriteAsync(SqlSession session, List<SqlWork> batch)
    {
        try
        {
            await session.RunAsync(begin, CancellationToken.None).ConfigureAwait(false);
            foreach (var work in batch)
            {
                await work.RunAsync(session).ConfigureAwait(false);
            }
        }
        catch (Exception failure)
        {
            try
            {
                await session.RunAsync("ROLLBACK", CancellationToken.None).ConfigureAwait(false);
            }
            catch (DbException)
            {
                // The database has rolled back by itself, or the connection is gone.
                await DropSessionAsync().ConfigureAwait(false);
            }

            return failure;
        }

        await session.RunAsync("COMMIT", CancellationToken.None).ConfigureAwait(false);
        return null;
    }

    private async ValueTask DropSessionAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }
}
