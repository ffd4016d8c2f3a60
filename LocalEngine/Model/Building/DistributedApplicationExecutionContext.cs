namespace Aspire.Hosting;

/// <summary>What the host is asked to do.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>What the host is asked to do.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>It is to run the stack here. This engine does nothing else.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>It is to write what deploys the stack elsewhere.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

/// <summary>What a host can be asked to do.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>Run the stack here.</summary>
    Run,

    /// <summary>Write what deploys it elsewhere.</summary>
    Publish,
}
