namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A call of a store or of the journal that has been made and has not happened yet.</summary>
internal abstract class Call(string target, string what, bool mutates, ulong arguments, Func<string>? show)
{
    public string Label => $"{target}.{show?.Invoke() ?? what}";

    public bool Mutates => mutates;

    public ulong Hash { get; } = Mix.In(Mix.In((ulong)target[0], (ulong)what.Length + ((ulong)what[0] << 8) + ((ulong)what[^1] << 16)), arguments);

    /// <summary>Takes effect. The caller does not know it yet.</summary>
    /// <returns>The hash of the answer.</returns>
    public abstract ulong Complete();

    /// <summary>Gives the caller the answer; it goes on before this returns.</summary>
    public abstract void Go();

    /// <summary>Takes effect; the caller hears nothing of it.</summary>
    public abstract void TakeEffect();

    public abstract void Fail(Exception failure);

    /// <summary>What it answered, for the print.</summary>
    public abstract string Answer { get; }
}
