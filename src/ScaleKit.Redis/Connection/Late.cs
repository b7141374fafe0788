namespace ScaleKit.Redis;

/// <summary>Answers that come after nobody waits for them any more.</summary>
internal static class Late
{
    /// <summary>Looks at the failure of a task, now or later, so that it is never reported as unobserved.</summary>
    public static void Observe(Task task) =>
        _ = task.ContinueWith(
            static late => _ = late.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}
