using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>Something that happens to one process. All that a process ever learns comes by these.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Actor">The place of the actor in the process; 0 where the whole process is meant.</param>
/// <param name="Answer">The answer of the call, where one is completed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ProcessEvent(EventKind Kind, int Actor, Answer Answer);
