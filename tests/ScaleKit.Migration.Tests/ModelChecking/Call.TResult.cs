namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A call with its answer. No RunContinuationsAsynchronously: the shipping code goes on at once, on the scheduler's thread.</summary>
internal sealed class Call<TResult>(string target, string what, bool mutates, ulong arguments, Func<TResult> effect, Func<TResult, ulong> hash, Func<string>? show)
    : Call(target, what, mutates, arguments, show)
{
    private readonly TaskCompletionSource<TResult> _done = new();
    private TResult? _result;

    public Task<TResult> Done => _done.Task;

    public override string Answer => _result switch
    {
        System.Collections.ICollection many => $"{many.Count}",
        VersionedValue<long> row => row.Exists ? $"{row.Value} v{row.Version}" : row.IsDeleted ? $"deleted v{row.Version}" : "nothing",
        WriteResult result => $"{result.Status} v{result.Version}",
        JournalEntry entry => $"revision {entry.Revision}",
        OutboxStatus status => $"{status.Pending} pending",
        ScanPage<long, long> page => $"{page.Entries.Count} rows",
        _ => $"{_result}",
    };

    public override ulong Complete()
    {
        _result = effect();
        return hash(_result);
    }

    public override void Go() => _done.SetResult(_result!);

    public override void TakeEffect() => effect();

    public override void Fail(Exception failure) => _done.SetException(failure);
}
