namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The shipping code of a live process, in the middle of a call.</summary>
internal abstract class Waiting(Call call)
{
    public Call Call => call;

    /// <summary>Gives the caller the answer; it goes on before this returns.</summary>
    public abstract void Go(object? answer);

    public abstract void Fail(Exception failure);
}
